package org.ecglite.app;

import android.webkit.WebResourceResponse;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.util.Collections;
import java.util.Map;

/** What the page is answered. */
final class Response {
    private static final int OK = 200;
    private static final int FORBIDDEN = 403;
    private static final int NOT_FOUND = 404;

    private Response() {}

    static WebResourceResponse of(String type, InputStream content) {
        return respond(type, OK, "OK", content);
    }

    static WebResourceResponse forbidden() {
        return respond("text/plain", FORBIDDEN, "Forbidden", new ByteArrayInputStream(new byte[0]));
    }

    static WebResourceResponse notFound() {
        return respond("text/plain", NOT_FOUND, "Not Found", new ByteArrayInputStream(new byte[0]));
    }

    private static WebResourceResponse respond(String type, int status, String reason, InputStream content) {
        Map<String, String> headers = Collections.singletonMap("X-Content-Type-Options", "nosniff");
        return new WebResourceResponse(type, Media.isText(type) ? "utf-8" : null, status, reason, headers, content);
    }
}
