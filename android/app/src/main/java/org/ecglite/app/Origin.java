package org.ecglite.app;

import android.net.Uri;

/** Where the page seems to come from: an origin of its own, whose name no network can resolve (RFC 6761). */
final class Origin {
    private static final String HOST = "app.ecglite.invalid";
    static final String START = "https://" + HOST + "/";
    static final String WITH_INCOMING = START + "?incoming";

    private Origin() {}

    static boolean owns(Uri address) {
        return "https".equals(address.getScheme()) && HOST.equals(address.getAuthority());
    }
}
