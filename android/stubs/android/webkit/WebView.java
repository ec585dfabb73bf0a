package android.webkit;

import android.content.Context;
import android.os.Bundle;
import android.widget.AbsoluteLayout;

public class WebView extends AbsoluteLayout {
    public WebView(Context context) {}

    public native WebSettings getSettings();

    public native void setWebViewClient(WebViewClient client);

    public native void setWebChromeClient(WebChromeClient client);

    public native void addJavascriptInterface(Object object, String name);

    public native void loadUrl(String url);

    public native void evaluateJavascript(String script, ValueCallback<String> result);

    public native boolean canGoBack();

    public native void goBack();

    public native WebBackForwardList saveState(Bundle state);

    public native WebBackForwardList restoreState(Bundle state);

    public native void destroy();

    @Override
    public native void setBackgroundColor(int colour);
}
