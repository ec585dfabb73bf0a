package org.json;

public class JSONObject {
    public static final Object NULL = new Object();

    public native JSONObject put(String name, Object value) throws JSONException;
}
