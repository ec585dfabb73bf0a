package org.ecglite.app;

import android.app.Activity;
import android.content.Intent;
import android.content.res.Configuration;
import android.graphics.Insets;
import android.os.Build;
import android.os.Bundle;
import android.view.View;
import android.view.Window;
import android.view.WindowInsets;
import android.view.WindowInsetsController;
import android.webkit.ServiceWorkerController;
import android.webkit.WebSettings;
import android.webkit.WebView;
import android.widget.FrameLayout;

/**
 * The one screen: a WebView that shows the page from the app's own assets, and what a page cannot do by itself: choosing
 * files, receiving and handing out files, and the back button.
 *
 * <p>Rotation and every other change of configuration are handled here, so that the page, with an open recording in it,
 * lives on through them.
 */
public final class MainActivity extends Activity implements View.OnApplyWindowInsetsListener {
    static final int CHOOSE_FILES = 1;
    static final int SAVE_EXPORT = 2;

    private final Incoming incoming = new Incoming();
    private final FileChooser chooser = new FileChooser(this);
    private Exports exports;
    private FrameLayout frame;
    private WebView page;
    private Back back;

    @Override
    protected void onCreate(Bundle state) {
        super.onCreate(state);
        exports = new Exports(this, state);
        frame = new FrameLayout(this);
        setContentView(frame);
        if (Build.VERSION.SDK_INT >= 30) {
            // Android 15 draws every app behind the system's bars; from 11 on, where insets can be told apart, so do we.
            getWindow().setDecorFitsSystemWindows(false);
            frame.setOnApplyWindowInsetsListener(this);
        }
        if (Build.VERSION.SDK_INT >= 33) {
            back = new Back(this);
        }
        // A page can register a worker, which would keep a second copy of every asset and serve it after an update.
        ServiceWorkerController.getInstance().setServiceWorkerClient(new NoServiceWorker());
        if (state == null) { // else the intent is the one that this page, which is restored, was given long ago
            incoming.take(getIntent());
        }
        open(state);
    }

    /** Fills the screen with a new WebView. */
    private void open(Bundle state) {
        page = new WebView(this);
        WebSettings settings = page.getSettings();
        settings.setJavaScriptEnabled(true);
        settings.setDomStorageEnabled(true);
        settings.setAllowFileAccess(false);
        settings.setAllowContentAccess(false);
        settings.setGeolocationEnabled(false);
        settings.setMixedContentMode(WebSettings.MIXED_CONTENT_NEVER_ALLOW);
        settings.setBlockNetworkLoads(true);
        page.setWebViewClient(new PageClient(this, incoming));
        page.setWebChromeClient(chooser);
        // Safe, because PageClient lets nothing but the page's own origin be loaded.
        page.addJavascriptInterface(exports, "ecgliteAndroid");
        frame.addView(page);
        followTheme();
        if (state == null || page.restoreState(state) == null) {
            page.loadUrl(incoming.isWaiting() ? Origin.WITH_INCOMING : Origin.START);
        }
    }

    /** Takes the place of a page whose process has died, for want of memory or by a fault. */
    void reopen() {
        frame.removeView(page);
        page.destroy();
        open(null);
    }

    @Override
    protected void onNewIntent(Intent intent) {
        super.onNewIntent(intent);
        setIntent(intent);
        incoming.take(intent);
        announceIncoming();
    }

    /** Tells the page that incoming/index.json has something new; a page that is not there yet is told when it is. */
    void announceIncoming() {
        if (incoming.isWaiting()) {
            page.evaluateJavascript("dispatchEvent(new Event('ecglite-incoming'))", null);
        }
    }

    @Override
    protected void onActivityResult(int request, int result, Intent data) {
        if (request == CHOOSE_FILES) {
            chooser.chosen(result == RESULT_OK ? data : null);
        } else if (request == SAVE_EXPORT) {
            exports.placeChosen(result == RESULT_OK ? data : null);
        }
    }

    @Override
    protected void onSaveInstanceState(Bundle state) {
        super.onSaveInstanceState(state);
        page.saveState(state);
        exports.saveState(state);
    }

    @Override
    protected void onDestroy() {
        frame.removeView(page);
        page.destroy();
        super.onDestroy();
    }

    // Back: through the page's history, then out. Android 16 asks Back, earlier ones call onBackPressed.

    /** The page has gone somewhere, forward or back. */
    void historyChanged() {
        if (back != null) {
            back.setWanted(page.canGoBack());
        }
    }

    /** One step back in the page. */
    void goBack() {
        page.goBack();
    }

    @Override
    public void onBackPressed() {
        if (page.canGoBack()) {
            page.goBack();
        } else {
            super.onBackPressed();
        }
    }

    // Looks: light or dark with the system, clear of its bars, of the camera and of the keyboard.

    @Override
    public void onConfigurationChanged(Configuration configuration) {
        super.onConfigurationChanged(configuration);
        getTheme().applyStyle(R.style.App, true); // anew, because values-night may have come or gone
        followTheme();
    }

    /** Colours what surrounds the page as the page is coloured; the page itself follows isLightTheme of the theme. */
    private void followTheme() {
        int colour = getColor(R.color.page);
        boolean day = getResources().getBoolean(R.bool.day);
        frame.setBackgroundColor(colour);
        page.setBackgroundColor(colour);
        Window window = getWindow();
        window.setStatusBarColor(colour);
        if (Build.VERSION.SDK_INT >= 30) {
            int light = WindowInsetsController.APPEARANCE_LIGHT_STATUS_BARS
                    | WindowInsetsController.APPEARANCE_LIGHT_NAVIGATION_BARS;
            window.setNavigationBarColor(colour);
            window.getInsetsController().setSystemBarsAppearance(day ? light : 0, light);
        } else {
            window.getDecorView().setSystemUiVisibility(day ? View.SYSTEM_UI_FLAG_LIGHT_STATUS_BAR : 0);
        }
    }

    @Override
    public WindowInsets onApplyWindowInsets(View view, WindowInsets all) {
        Insets insets = all.getInsets(
                WindowInsets.Type.systemBars() | WindowInsets.Type.displayCutout() | WindowInsets.Type.ime());
        view.setPadding(insets.left, insets.top, insets.right, insets.bottom);
        return WindowInsets.CONSUMED;
    }
}
