package android.content;

import android.net.Uri;

public class ClipData {
    private final Uri[] files;

    public ClipData(Uri... files) {
        this.files = files;
    }

    public int getItemCount() {
        return files.length;
    }

    public Item getItemAt(int index) {
        return new Item(files[index]);
    }

    public static class Item {
        private final Uri file;

        Item(Uri file) {
            this.file = file;
        }

        public Uri getUri() {
            return file;
        }
    }
}
