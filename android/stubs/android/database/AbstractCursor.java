package android.database;

public abstract class AbstractCursor implements Cursor {
    @Override
    public native boolean moveToFirst();

    @Override
    public native int getColumnIndex(String name);

    @Override
    public native void close();
}
