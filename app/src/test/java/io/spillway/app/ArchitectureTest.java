package io.spillway.app;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.library.Architectures;
import java.time.Instant;
import java.util.Random;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What our style forbids, checked on the compiled classes of all modules. */
final class ArchitectureTest {
  private static JavaClasses ours;

  @BeforeAll
  static void read() {
    ours =
        new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .withImportOption(location -> !location.contains("/protocol/"))
            .importPackages("io.spillway");
    assertThat(ours.contain("io.spillway.rtc.RtcEngine")).as("all modules are seen").isTrue();
  }

  @Test
  void timeComesInByTheConstructor() {
    noClasses()
        .that(not(resideInAPackage("io.spillway.core.time")))
        .should()
        .callMethod(System.class, "nanoTime")
        .orShould()
        .callMethod(System.class, "currentTimeMillis")
        .orShould()
        .callMethod(Instant.class, "now")
        .because("failure tests run on a clock of their own")
        .check(ours);
  }

  @Test
  void nothingWaitsByABareSleep() {
    noClasses()
        .should()
        .callMethod(Thread.class, "sleep", long.class)
        .orShould()
        .callMethod(LockSupport.class, "parkNanos", long.class)
        .because("each wait has a deadline and something that ends it")
        .check(ours);
  }

  @Test
  void chanceComesInByTheConstructor() {
    noClasses()
        .should()
        .callMethod(Math.class, "random")
        .orShould()
        .callMethod(ThreadLocalRandom.class, "current")
        .orShould()
        .callConstructor(Random.class)
        .because("a failing run must be replayable from its seed")
        .check(ours);
  }

  @Test
  void aModuleUsesOnlyModulesAboveIt() {
    Architectures.layeredArchitecture()
        .consideringOnlyDependenciesInLayers()
        .layer("core")
        .definedBy("io.spillway.core..")
        .layer("rpc")
        .definedBy("io.spillway.rpc..")
        .layer("rtc")
        .definedBy("io.spillway.rtc..")
        .layer("media")
        .definedBy("io.spillway.media..")
        .layer("storage")
        .definedBy("io.spillway.storage..")
        .layer("store")
        .definedBy("io.spillway.store..")
        .layer("node")
        .definedBy("io.spillway.node..")
        .layer("controller")
        .definedBy("io.spillway.controller..")
        .layer("app")
        .definedBy("io.spillway.app..")
        .whereLayer("app")
        .mayNotBeAccessedByAnyLayer()
        .whereLayer("controller")
        .mayOnlyBeAccessedByLayers("app")
        .whereLayer("node")
        .mayOnlyBeAccessedByLayers("app")
        .whereLayer("store")
        .mayOnlyBeAccessedByLayers("controller", "app")
        .whereLayer("rtc")
        .mayOnlyBeAccessedByLayers("node", "app")
        .whereLayer("media")
        .mayOnlyBeAccessedByLayers("node", "app")
        .whereLayer("rpc")
        .mayOnlyBeAccessedByLayers("node", "controller", "app")
        .check(ours);
  }

  @Test
  void namesSayWhatAThingIs() {
    classes()
        .should()
        .haveNameNotMatching(".*(Impl|Util|Utils|Helper|Manager|Abstract\\w+|Base)")
        .because("such a name hides what the class is for")
        .check(ours);
  }
}
