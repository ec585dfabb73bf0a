package android.net;

import android.os.Parcelable;

public abstract class Uri implements Parcelable {
    public abstract String getScheme();

    public abstract String getAuthority();

    public abstract String getPath();

    public abstract String getLastPathSegment();

    public static final class Builder {
        public native Builder scheme(String scheme);

        public native Builder authority(String authority);

        public native Builder appendPath(String segment);

        public native Uri build();
    }
}
