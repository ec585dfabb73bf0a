package android.content;

import android.database.Cursor;
import android.net.Uri;
import java.io.ByteArrayInputStream;
import java.io.FileNotFoundException;
import java.io.InputStream;
import java.io.OutputStream;

/** Files named after their last segment; what is called secret may not be read, and of what is bare nothing is told. */
public class ContentResolver {
    public static final String SCHEME_CONTENT = "content";

    public final Cursor query(Uri uri, String[] projection, String selection, String[] arguments, String order) {
        String name = uri.getLastPathSegment();
        if (name.startsWith("secret")) {
            throw new SecurityException(name);
        }
        return name.startsWith("bare") ? null : new Row(name);
    }

    public final String getType(Uri uri) {
        return uri.getLastPathSegment().endsWith(".csv") ? "text/csv" : null;
    }

    public final InputStream openInputStream(Uri uri) throws FileNotFoundException {
        if (uri.getLastPathSegment().startsWith("secret")) {
            throw new SecurityException(uri.getLastPathSegment());
        }
        return new ByteArrayInputStream(uri.getPath().getBytes());
    }

    public final native OutputStream openOutputStream(Uri uri, String mode) throws FileNotFoundException;

    private static final class Row implements Cursor {
        private final String name;

        Row(String name) {
            this.name = name;
        }

        @Override
        public boolean moveToFirst() {
            return true;
        }

        @Override
        public int getColumnIndex(String column) {
            return column.equals("_display_name") ? 1 : column.equals("_size") ? 3 : -1;
        }

        @Override
        public boolean isNull(int column) {
            return false;
        }

        @Override
        public String getString(int column) {
            return column == 1 ? "shown " + name : null;
        }

        @Override
        public long getLong(int column) {
            return column == 3 ? 5_000_000_000L : -1;
        }

        @Override
        public void close() {}
    }
}
