package android.content;

import android.net.Uri;

public class Intent {
    private final String action;
    private final Uri data;
    private final ClipData clip;
    private final int flags;

    public Intent(String action, Uri data, ClipData clip, int flags) {
        this.action = "android.intent.action." + action;
        this.data = data;
        this.clip = clip;
        this.flags = flags;
    }

    public String getAction() {
        return action;
    }

    public Uri getData() {
        return data;
    }

    public ClipData getClipData() {
        return clip;
    }

    public int getFlags() {
        return flags;
    }
}
