package android.content;

import android.database.Cursor;
import android.net.Uri;
import java.io.FileNotFoundException;
import java.io.InputStream;
import java.io.OutputStream;

public abstract class ContentResolver {
    public static final String SCHEME_CONTENT = "content";

    public final native Cursor query(Uri uri, String[] projection, String selection, String[] arguments, String order);

    public final native String getType(Uri uri);

    public final native InputStream openInputStream(Uri uri) throws FileNotFoundException;

    public final native OutputStream openOutputStream(Uri uri, String mode) throws FileNotFoundException;
}
