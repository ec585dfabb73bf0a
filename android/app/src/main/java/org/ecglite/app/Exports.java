package org.ecglite.app;

import android.content.ActivityNotFoundException;
import android.content.Intent;
import android.net.Uri;
import android.os.Bundle;
import android.util.Base64;
import android.webkit.JavascriptInterface;
import android.widget.Toast;
import java.io.File;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/**
 * What the page hands out, under the name {@code ecgliteAndroid}: a file to save where the person chooses, or to share by
 * the system's sheet.
 *
 * <p>The content lies in the app's cache until the next start, because the person may take their time over the sheet, and
 * the system may end the app meanwhile.
 */
public final class Exports {
    private static final String SAVING = "org.ecglite.app.saving";

    private final MainActivity activity;
    private String saving;

    Exports(MainActivity activity, Bundle state) {
        this.activity = activity;
        if (state != null) {
            saving = state.getString(SAVING);
        } else {
            File[] old = ExportProvider.folder(activity).listFiles();
            for (int i = 0; old != null && i < old.length; i++) {
                old[i].delete();
            }
        }
    }

    void saveState(Bundle state) {
        state.putString(SAVING, saving);
    }

    /** Saves a file where the person chooses; its content comes in Base64. Called by the page, off the main thread. */
    @JavascriptInterface
    public void save(String name, String mime, String base64) throws IOException {
        final File file = keep(name, base64);
        Intent intent = new Intent(Intent.ACTION_CREATE_DOCUMENT)
                .addCategory(Intent.CATEGORY_OPENABLE)
                .setType(mime)
                .putExtra(Intent.EXTRA_TITLE, file.getName());
        activity.runOnUiThread(new Runnable() {
            @Override
            public void run() {
                saving = file.getName();
                try {
                    activity.startActivityForResult(intent, MainActivity.SAVE_EXPORT);
                } catch (ActivityNotFoundException noPicker) {
                    say(R.string.not_saved);
                }
            }
        });
    }

    /** Shares a file by the system's sheet; its content comes in Base64. Called by the page, off the main thread. */
    @JavascriptInterface
    public void share(String name, String mime, String base64) throws IOException {
        Intent intent = new Intent(Intent.ACTION_SEND)
                .setType(mime)
                .putExtra(Intent.EXTRA_STREAM, ExportProvider.addressOf(keep(name, base64)))
                .addFlags(Intent.FLAG_GRANT_READ_URI_PERMISSION);
        activity.startActivity(Intent.createChooser(intent, null));
    }

    /** Writes content to the cache. Only the last part of the name counts, so that it cannot point elsewhere. */
    private File keep(String name, String base64) throws IOException {
        File folder = ExportProvider.folder(activity);
        folder.mkdirs();
        File file = new File(folder, new File(name).getName());
        try (OutputStream out = new FileOutputStream(file)) {
            out.write(Base64.decode(base64, Base64.DEFAULT));
        }
        return file;
    }

    /** The person has chosen where to save, or has not (null). */
    void placeChosen(Intent data) {
        if (data == null || saving == null) {
            return;
        }
        final Uri place = data.getData();
        final File file = new File(ExportProvider.folder(activity), saving);
        new Thread(new Runnable() { // the place may be a cloud
            @Override
            public void run() {
                final int outcome = copy(file, place) ? R.string.saved : R.string.not_saved;
                activity.runOnUiThread(new Runnable() {
                    @Override
                    public void run() {
                        say(outcome);
                    }
                });
            }
        }).start();
    }

    private boolean copy(File file, Uri place) {
        try (InputStream in = new FileInputStream(file);
                OutputStream out = activity.getContentResolver().openOutputStream(place, "wt")) {
            byte[] buffer = new byte[1 << 16];
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                out.write(buffer, 0, count);
            }
            return true;
        } catch (IOException | RuntimeException refusedByTheOtherApp) {
            return false;
        }
    }

    private void say(int text) {
        Toast.makeText(activity, text, Toast.LENGTH_LONG).show();
    }
}
