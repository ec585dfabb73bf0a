package android.net;

import android.os.Parcelable;
import java.net.URI;

public class Uri implements Parcelable {
    private final URI address;

    public Uri(String address) {
        this.address = URI.create(address);
    }

    public String getScheme() {
        return address.getScheme();
    }

    public String getAuthority() {
        return address.getAuthority();
    }

    public String getPath() {
        return address.getPath();
    }

    public String getLastPathSegment() {
        return address.getPath().substring(address.getPath().lastIndexOf('/') + 1);
    }
}
