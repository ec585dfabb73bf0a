package org.ecglite.app;

import android.net.Uri;
import android.webkit.RenderProcessGoneDetail;
import android.webkit.WebResourceRequest;
import android.webkit.WebResourceResponse;
import android.webkit.WebView;
import android.webkit.WebViewClient;
import java.io.IOException;

/** Answers every request of the page from the app's assets, and refuses all others. */
final class PageClient extends WebViewClient {
    private static final String ASSETS = "page/";

    private final MainActivity activity;
    private final Incoming incoming;

    PageClient(MainActivity activity, Incoming incoming) {
        this.activity = activity;
        this.incoming = incoming;
    }

    /** Called off the main thread, and for data: addresses too, which carry their own content. */
    @Override
    public WebResourceResponse shouldInterceptRequest(WebView view, WebResourceRequest request) {
        Uri address = request.getUrl();
        if ("data".equals(address.getScheme()) && !request.isForMainFrame()) {
            return null;
        }
        if (!Origin.owns(address)) {
            return Response.forbidden();
        }
        String path = address.getPath().substring(1);
        if (path.startsWith(Incoming.FOLDER)) {
            return incoming.respond(activity.getContentResolver(), path.substring(Incoming.FOLDER.length()));
        }
        String name = path.isEmpty() ? "index.html" : path;
        try {
            return Response.of(Media.typeOf(name), activity.getAssets().open(ASSETS + name));
        } catch (IOException noSuchAsset) {
            return Response.notFound();
        }
    }

    @Override
    public boolean shouldOverrideUrlLoading(WebView view, WebResourceRequest request) {
        return !Origin.owns(request.getUrl()); // true: the app takes care of it, and here it does nothing
    }

    @Override
    public void onPageFinished(WebView view, String address) {
        activity.announceIncoming();
    }

    @Override
    public void doUpdateVisitedHistory(WebView view, String address, boolean isReload) {
        activity.historyChanged();
    }

    @Override
    public boolean onRenderProcessGone(WebView view, RenderProcessGoneDetail detail) {
        activity.reopen();
        return true; // the app lives on
    }
}
