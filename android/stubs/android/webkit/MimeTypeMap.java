package android.webkit;

public class MimeTypeMap {
    public static native MimeTypeMap getSingleton();

    public native String getMimeTypeFromExtension(String extension);
}
