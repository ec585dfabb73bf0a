package android.content.res;

import java.io.ByteArrayInputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.List;

public final class AssetManager {
    private static final List<String> NAMES = Arrays.asList("page/index.html", "page/a b.js", "page/wasm/litert.wasm");

    public InputStream open(String name) throws IOException {
        if (!NAMES.contains(name)) {
            throw new FileNotFoundException(name);
        }
        return new ByteArrayInputStream(name.getBytes("UTF-8"));
    }
}
