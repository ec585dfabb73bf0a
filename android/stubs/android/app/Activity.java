package android.app;

import android.content.Intent;
import android.content.res.Configuration;
import android.os.Bundle;
import android.view.ContextThemeWrapper;
import android.view.View;
import android.view.Window;
import android.window.OnBackInvokedDispatcher;

public class Activity extends ContextThemeWrapper {
    public static final int RESULT_OK = -1;

    protected native void onCreate(Bundle state);

    protected native void onNewIntent(Intent intent);

    protected native void onActivityResult(int request, int result, Intent data);

    protected native void onSaveInstanceState(Bundle state);

    protected native void onDestroy();

    public native void onBackPressed();

    public native void onConfigurationChanged(Configuration configuration);

    public native void setContentView(View view);

    public native Window getWindow();

    public native Intent getIntent();

    public native void setIntent(Intent intent);

    public native void startActivityForResult(Intent intent, int request);

    public final native void runOnUiThread(Runnable action);

    public native OnBackInvokedDispatcher getOnBackInvokedDispatcher();
}
