package org.ecglite.app;

import android.content.ClipData;
import android.content.Intent;
import android.net.Uri;
import android.webkit.WebResourceRequest;
import android.webkit.WebResourceResponse;

/**
 * Asks the shell as a WebView does, and prints the answers. Each argument is an address to fetch, one to navigate to
 * (go ADDRESS), or an intent (SEND ADDRESSES, VIEW ADDRESS, OLD ADDRESS for one from the history); "text" is an item with no address.
 */
public final class Ask {
    private Ask() {}

    public static void main(String[] steps) {
        Incoming incoming = new Incoming();
        PageClient client = new PageClient(new MainActivity(), incoming);
        for (String step : steps) {
            String[] words = step.split(" ");
            if (words.length == 1) {
                WebResourceResponse answer = client.shouldInterceptRequest(null, new Request(words[0]));
                System.out.println(answer);
            } else if (words[0].equals("go")) {
                System.out.println(client.shouldOverrideUrlLoading(null, new Request(words[1])) ? "stays" : "goes");
            } else {
                Uri[] files = new Uri[words.length - 1];
                for (int i = 0; i < files.length; i++) {
                    files[i] = words[i + 1].equals("text") ? null : new Uri(words[i + 1]);
                }
                boolean viewed = words[0].equals("VIEW");
                int flags = words[0].equals("OLD") ? 0x00100000 : 0;
                incoming.take(new Intent(words[0], viewed ? files[0] : null, viewed ? null : new ClipData(files), flags));
                System.out.println(incoming.isWaiting() ? "waiting" : "nothing waits");
            }
        }
    }

    private static final class Request implements WebResourceRequest {
        private final Uri address;

        Request(String address) {
            this.address = new Uri(address);
        }

        @Override
        public Uri getUrl() {
            return address;
        }

        @Override
        public boolean isForMainFrame() {
            return false;
        }
    }
}
