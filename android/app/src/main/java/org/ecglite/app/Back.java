package org.ecglite.app;

import android.annotation.TargetApi;
import android.window.OnBackInvokedCallback;
import android.window.OnBackInvokedDispatcher;

/**
 * The back gesture where the system asks for it in advance. Registered only while the page has somewhere to go back to, so
 * that otherwise the system shows what leaving the app leads to.
 */
@TargetApi(33)
final class Back implements OnBackInvokedCallback {
    private final MainActivity activity;
    private boolean wanted;

    Back(MainActivity activity) {
        this.activity = activity;
    }

    void setWanted(boolean now) {
        if (now == wanted) {
            return;
        }
        wanted = now;
        OnBackInvokedDispatcher dispatcher = activity.getOnBackInvokedDispatcher();
        if (now) {
            dispatcher.registerOnBackInvokedCallback(OnBackInvokedDispatcher.PRIORITY_DEFAULT, this);
        } else {
            dispatcher.unregisterOnBackInvokedCallback(this);
        }
    }

    @Override
    public void onBackInvoked() {
        activity.goBack();
    }
}
