package org.ecglite.app;

import android.content.ContentProvider;
import android.content.ContentValues;
import android.content.Context;
import android.database.Cursor;
import android.database.MatrixCursor;
import android.net.Uri;
import android.os.ParcelFileDescriptor;
import android.provider.OpenableColumns;
import android.webkit.MimeTypeMap;
import java.io.File;
import java.io.FileNotFoundException;

/** Lets an app that the person has shared a file with read that file, and nothing else. */
public final class ExportProvider extends ContentProvider {
    private static final String AUTHORITY = "org.ecglite.app.exports";

    static File folder(Context context) {
        return new File(context.getCacheDir(), "exports");
    }

    static Uri addressOf(File file) {
        return new Uri.Builder().scheme("content").authority(AUTHORITY).appendPath(file.getName()).build();
    }

    private File fileAt(Uri address) {
        return new File(folder(getContext()), new File(address.getLastPathSegment()).getName());
    }

    @Override
    public boolean onCreate() {
        return true;
    }

    @Override
    public ParcelFileDescriptor openFile(Uri address, String mode) throws FileNotFoundException {
        return ParcelFileDescriptor.open(fileAt(address), ParcelFileDescriptor.MODE_READ_ONLY);
    }

    @Override
    public String getType(Uri address) {
        String name = fileAt(address).getName();
        String type = MimeTypeMap.getSingleton().getMimeTypeFromExtension(name.substring(name.lastIndexOf('.') + 1));
        return type == null ? Media.BYTES : type;
    }

    @Override
    public Cursor query(Uri address, String[] wanted, String selection, String[] arguments, String order) {
        String[] columns = wanted == null ? new String[] {OpenableColumns.DISPLAY_NAME, OpenableColumns.SIZE} : wanted;
        File file = fileAt(address);
        Object[] row = new Object[columns.length];
        for (int i = 0; i < columns.length; i++) {
            if (OpenableColumns.DISPLAY_NAME.equals(columns[i])) {
                row[i] = file.getName();
            } else if (OpenableColumns.SIZE.equals(columns[i])) {
                row[i] = file.length();
            }
        }
        MatrixCursor cursor = new MatrixCursor(columns, 1);
        cursor.addRow(row);
        return cursor;
    }

    @Override
    public Uri insert(Uri address, ContentValues values) {
        throw new UnsupportedOperationException("exports are only read");
    }

    @Override
    public int delete(Uri address, String selection, String[] arguments) {
        throw new UnsupportedOperationException("exports are only read");
    }

    @Override
    public int update(Uri address, ContentValues values, String selection, String[] arguments) {
        throw new UnsupportedOperationException("exports are only read");
    }
}
