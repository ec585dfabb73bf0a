package android.webkit;

public abstract class ServiceWorkerController {
    public static native ServiceWorkerController getInstance();

    public abstract void setServiceWorkerClient(ServiceWorkerClient client);
}
