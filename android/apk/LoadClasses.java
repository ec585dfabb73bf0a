/** Loads the classes that are named, by which Java verifies their code. */
final class LoadClasses {
    private LoadClasses() {}

    public static void main(String[] names) throws ClassNotFoundException {
        for (String name : names) {
            Class.forName(name);
        }
    }
}
