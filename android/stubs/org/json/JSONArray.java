package org.json;

public class JSONArray {
    public native JSONArray put(Object value);
}
