package org.json;

import java.util.LinkedHashMap;
import java.util.Map;

public class JSONObject {
    public static final Object NULL = "null";

    private final Map<String, Object> values = new LinkedHashMap<>();

    public JSONObject put(String name, Object value) throws JSONException {
        values.put(name, value);
        return this;
    }

    @Override
    public String toString() {
        return values.toString();
    }
}
