package android.webkit;

import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import java.util.Scanner;

public class WebResourceResponse {
    private final String shown;

    public WebResourceResponse(
            String type,
            String encoding,
            int status,
            String reason,
            Map<String, String> headers,
            InputStream content) {
        try (InputStream in = content;
                Scanner scanner = new Scanner(in, "UTF-8").useDelimiter("\\A")) {
            String text = scanner.hasNext() ? scanner.next() : "";
            shown = status + " " + reason + " | " + type + " | " + encoding + " | " + headers + " | " + text;
        } catch (IOException error) {
            throw new IllegalStateException(error);
        }
    }

    @Override
    public String toString() {
        return shown;
    }
}
