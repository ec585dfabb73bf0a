package org.ecglite.app;

/** The media types of the files that a built page consists of. */
final class Media {
    static final String JSON = "application/json";
    static final String BYTES = "application/octet-stream";

    private Media() {}

    static String typeOf(String name) {
        switch (name.substring(name.lastIndexOf('.') + 1)) {
            case "html":
                return "text/html";
            case "js":
            case "mjs":
                return "text/javascript";
            case "css":
                return "text/css";
            case "json":
                return JSON;
            case "webmanifest":
                return "application/manifest+json";
            case "wasm":
                return "application/wasm";
            case "svg":
                return "image/svg+xml";
            case "png":
                return "image/png";
            case "woff2":
                return "font/woff2";
            case "csv":
                return "text/csv";
            case "txt":
                return "text/plain";
            default:
                return BYTES;
        }
    }

    /** Whether content of a type is text, which is UTF-8 throughout the page. */
    static boolean isText(String type) {
        return type.startsWith("text/") || type.endsWith("json") || type.endsWith("xml");
    }
}
