package org.ecglite.app;

import android.content.ActivityNotFoundException;
import android.content.ClipData;
import android.content.Intent;
import android.net.Uri;
import android.webkit.ValueCallback;
import android.webkit.WebChromeClient;
import android.webkit.WebView;

/** The page's file inputs: one file or several, of any type, because files of ECGs have no media type of their own. */
final class FileChooser extends WebChromeClient {
    private final MainActivity activity;
    private ValueCallback<Uri[]> waiting;

    FileChooser(MainActivity activity) {
        this.activity = activity;
    }

    @Override
    public boolean onShowFileChooser(WebView view, ValueCallback<Uri[]> callback, FileChooserParams parameters) {
        answer(null);
        waiting = callback;
        Intent intent = new Intent(Intent.ACTION_GET_CONTENT)
                .addCategory(Intent.CATEGORY_OPENABLE)
                .setType("*/*")
                .putExtra(Intent.EXTRA_ALLOW_MULTIPLE, parameters.getMode() == FileChooserParams.MODE_OPEN_MULTIPLE);
        try {
            activity.startActivityForResult(intent, MainActivity.CHOOSE_FILES);
        } catch (ActivityNotFoundException noPicker) {
            answer(null);
        }
        return true;
    }

    /** What the person has chosen: several files as a clip, one as data, or null. */
    void chosen(Intent data) {
        ClipData clip = data == null ? null : data.getClipData();
        if (clip == null) {
            answer(data == null || data.getData() == null ? null : new Uri[] {data.getData()});
            return;
        }
        Uri[] files = new Uri[clip.getItemCount()];
        for (int i = 0; i < files.length; i++) {
            files[i] = clip.getItemAt(i).getUri();
        }
        answer(files);
    }

    /** Answers the input that waits, if one does: it stays dead until it is answered. */
    private void answer(Uri[] files) {
        if (waiting != null) {
            waiting.onReceiveValue(files);
            waiting = null;
        }
    }
}
