package android.webkit;

import android.net.Uri;

public class WebChromeClient {
    public native boolean onShowFileChooser(
            WebView view, ValueCallback<Uri[]> callback, FileChooserParams parameters);

    public abstract static class FileChooserParams {
        public static final int MODE_OPEN_MULTIPLE = 1;

        public abstract int getMode();
    }
}
