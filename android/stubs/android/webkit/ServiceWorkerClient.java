package android.webkit;

public class ServiceWorkerClient {
    public native WebResourceResponse shouldInterceptRequest(WebResourceRequest request);
}
