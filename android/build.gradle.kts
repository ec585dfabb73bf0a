plugins {
    id("com.android.application") version "8.13.0" apply false
}

// Not in build/, because build is the program that makes the package without Gradle.
allprojects {
    layout.buildDirectory = rootProject.layout.projectDirectory.dir("out/gradle/${name}")
}
