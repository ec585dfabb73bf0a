package android.content;

import android.net.Uri;
import android.os.Parcelable;

public class Intent {
    public static final String ACTION_CREATE_DOCUMENT = "android.intent.action.CREATE_DOCUMENT";
    public static final String ACTION_GET_CONTENT = "android.intent.action.GET_CONTENT";
    public static final String ACTION_SEND = "android.intent.action.SEND";
    public static final String ACTION_SEND_MULTIPLE = "android.intent.action.SEND_MULTIPLE";
    public static final String ACTION_VIEW = "android.intent.action.VIEW";
    public static final String CATEGORY_OPENABLE = "android.intent.category.OPENABLE";
    public static final String EXTRA_ALLOW_MULTIPLE = "android.intent.extra.ALLOW_MULTIPLE";
    public static final String EXTRA_STREAM = "android.intent.extra.STREAM";
    public static final String EXTRA_TITLE = "android.intent.extra.TITLE";
    public static final int FLAG_ACTIVITY_LAUNCHED_FROM_HISTORY = 0x00100000;
    public static final int FLAG_GRANT_READ_URI_PERMISSION = 0x00000001;

    public Intent(String action) {}

    public static native Intent createChooser(Intent target, CharSequence title);

    public native String getAction();

    public native Uri getData();

    public native ClipData getClipData();

    public native int getFlags();

    public native Intent addCategory(String category);

    public native Intent addFlags(int flags);

    public native Intent setType(String type);

    public native Intent putExtra(String name, boolean value);

    public native Intent putExtra(String name, String value);

    public native Intent putExtra(String name, Parcelable value);
}
