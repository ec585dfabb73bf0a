plugins {
    id("com.android.application")
}

// The version of the whole project, and a number that grows with it: 1.2.3 is 10203.
val projectVersion = Regex("""^version = "((\d+)\.(\d+)\.(\d+).*)"""", RegexOption.MULTILINE)
    .find(rootDir.resolve("../pyproject.toml").readText())!!.groupValues

// The built page goes in as it is: python -m ecglite.app.build web/dist makes it, in the root of the project.
val page = tasks.register<Sync>("page") {
    from(rootDir.resolve("../web/dist"))
    into(layout.buildDirectory.dir("page/page"))
}

android {
    namespace = "org.ecglite.app"
    compileSdk = 36

    defaultConfig {
        applicationId = "org.ecglite.app"
        minSdk = 24
        targetSdk = 36
        versionCode = projectVersion.drop(2).fold(0) { code, part -> code * 100 + part.toInt() }
        versionName = projectVersion[1]
    }

    compileOptions {
        sourceCompatibility = JavaVersion.VERSION_1_8
        targetCompatibility = JavaVersion.VERSION_1_8
    }

    sourceSets["main"].assets.srcDir(layout.buildDirectory.dir("page"))
}

tasks.named("preBuild") { dependsOn(page) }
