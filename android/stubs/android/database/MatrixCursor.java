package android.database;

public class MatrixCursor extends AbstractCursor {
    public MatrixCursor(String[] columns, int capacity) {}

    public native void addRow(Object[] values);

    @Override
    public native boolean isNull(int column);

    @Override
    public native String getString(int column);

    @Override
    public native long getLong(int column);
}
