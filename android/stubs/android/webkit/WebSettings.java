package android.webkit;

public abstract class WebSettings {
    public static final int MIXED_CONTENT_NEVER_ALLOW = 1;

    public abstract void setJavaScriptEnabled(boolean enabled);

    public abstract void setDomStorageEnabled(boolean enabled);

    public abstract void setAllowFileAccess(boolean allowed);

    public abstract void setAllowContentAccess(boolean allowed);

    public abstract void setGeolocationEnabled(boolean enabled);

    public abstract void setMixedContentMode(int mode);

    public abstract void setBlockNetworkLoads(boolean blocked);
}
