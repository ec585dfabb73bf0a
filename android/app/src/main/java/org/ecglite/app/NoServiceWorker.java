package org.ecglite.app;

import android.webkit.ServiceWorkerClient;
import android.webkit.WebResourceRequest;
import android.webkit.WebResourceResponse;

/** Gives a service worker nothing, so that none can be registered: the assets are on the device already. */
final class NoServiceWorker extends ServiceWorkerClient {
    @Override
    public WebResourceResponse shouldInterceptRequest(WebResourceRequest request) {
        return Response.forbidden();
    }
}
