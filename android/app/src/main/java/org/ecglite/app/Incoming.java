package org.ecglite.app;

import android.content.ClipData;
import android.content.ContentResolver;
import android.content.Intent;
import android.database.Cursor;
import android.net.Uri;
import android.provider.OpenableColumns;
import android.webkit.WebResourceResponse;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.json.JSONArray;
import org.json.JSONException;
import org.json.JSONObject;

/**
 * The files that other apps share with this one or open in it, as the page fetches them.
 *
 * <p>{@code incoming/index.json} lists those that have come since it was last asked for, as
 * {@code [{"name": "JS00001.csv", "size": 4711, "type": "text/csv"}]}; the size is null where the other app does not tell.
 * {@code incoming/0} is the content of the first on the list last fetched, and so on: numbers keep their meaning until
 * the page fetches the list anew. A share without a file, of text say, makes an empty list, so that the page can say so.
 *
 * <p>Intents come on the main thread, requests on others.
 */
final class Incoming {
    static final String FOLDER = "incoming/";
    private static final String INDEX = "index.json";

    private final Queue<Uri> waiting = new ConcurrentLinkedQueue<>();
    private volatile boolean news;
    private volatile List<Uri> listed = Collections.emptyList();

    /** Takes the files that an intent brings: VIEW as its data, SEND and SEND_MULTIPLE as its clip. */
    void take(Intent intent) {
        if ((intent.getFlags() & Intent.FLAG_ACTIVITY_LAUNCHED_FROM_HISTORY) != 0) {
            return; // an old intent, whose files may be read no longer
        }
        String action = intent.getAction();
        ClipData clip = intent.getClipData();
        if (Intent.ACTION_VIEW.equals(action)) {
            take(intent.getData());
            news = true;
        } else if (Intent.ACTION_SEND.equals(action) || Intent.ACTION_SEND_MULTIPLE.equals(action)) {
            for (int i = 0; clip != null && i < clip.getItemCount(); i++) {
                take(clip.getItemAt(i).getUri());
            }
            news = true;
        }
    }

    private void take(Uri file) {
        // Nothing but content: another app must not have this one read its own private files by their path.
        if (file != null && ContentResolver.SCHEME_CONTENT.equals(file.getScheme())) {
            waiting.add(file);
        }
    }

    /** Whether something has come that the page has not asked for, be it without a file. */
    boolean isWaiting() {
        return news;
    }

    WebResourceResponse respond(ContentResolver resolver, String name) {
        try {
            if (name.equals(INDEX)) {
                byte[] index = index(resolver).getBytes(StandardCharsets.UTF_8);
                return Response.of(Media.JSON, new ByteArrayInputStream(index));
            }
            InputStream content = resolver.openInputStream(listed.get(Integer.parseInt(name)));
            return content == null ? Response.notFound() : Response.of(Media.BYTES, content);
        } catch (IOException | JSONException | RuntimeException refusedByTheOtherApp) {
            return Response.notFound(); // it may throw anything; the page says that the file cannot be read
        }
    }

    private String index(ContentResolver resolver) throws JSONException {
        news = false;
        List<Uri> files = new ArrayList<>();
        JSONArray index = new JSONArray();
        for (Uri file = waiting.poll(); file != null; file = waiting.poll()) {
            files.add(file);
            index.put(describe(resolver, file));
        }
        listed = files;
        return index.toString();
    }

    private static JSONObject describe(ContentResolver resolver, Uri file) throws JSONException {
        String name = file.getLastPathSegment();
        Object size = JSONObject.NULL;
        String type = null;
        try (Cursor row = resolver.query(file, null, null, null, null)) {
            type = resolver.getType(file);
            if (row != null && row.moveToFirst()) {
                int nameColumn = row.getColumnIndex(OpenableColumns.DISPLAY_NAME);
                int sizeColumn = row.getColumnIndex(OpenableColumns.SIZE);
                if (nameColumn >= 0 && !row.isNull(nameColumn)) {
                    name = row.getString(nameColumn);
                }
                if (sizeColumn >= 0 && !row.isNull(sizeColumn)) {
                    size = row.getLong(sizeColumn);
                }
            }
        } catch (RuntimeException refusedByTheOtherApp) {
            // What is known stands; whether the content can be read shows when the page asks for it.
        }
        return new JSONObject().put("name", name).put("size", size).put("type", type == null ? "" : type);
    }
}
