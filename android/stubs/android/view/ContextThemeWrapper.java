package android.view;

import android.content.ContextWrapper;
import android.content.res.Resources;

public class ContextThemeWrapper extends ContextWrapper {
    @Override
    public native Resources.Theme getTheme();
}
