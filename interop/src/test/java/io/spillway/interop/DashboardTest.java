package io.spillway.interop;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Page.GetByRoleOptions;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.ColorScheme;
import io.spillway.interop.fixture.Browser;
import io.spillway.interop.fixture.LiveKitServer;
import io.spillway.interop.fixture.RustPublisher;
import io.spillway.interop.fixture.Stage;
import io.spillway.protocol.livekit.EgressStatus;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The dashboard as people use it: in a real browser, over a real recorder with real recordings. */
class DashboardTest {
  private static final String VIEWER = "a token only to look with";
  private static final String ADMIN = "a token to act with as well";

  /** A room's name is a stranger's text. */
  private static final String HOSTILE = "<img src=x onerror=alert(1)>'\"&lt;b>";

  @TempDir static Path folder;
  private static Stage stage;
  private static RustPublisher publisher;
  private static Browser browser;
  private static String track;
  private static String failed;

  @BeforeAll
  static void open() throws Exception {
    stage =
        Stage.set(
            folder,
            LiveKitServer.Media.ONE_PORT,
            "dashboard:\n  viewer_token: %s\n  admin_token: %s\n".formatted(VIEWER, ADMIN));
    publisher = stage.rustPublisher(HOSTILE, "rust");
    track = publisher.publishAudio();
    browser = new Browser();
    failed = stage.ask(HOSTILE, "TR_nobody").getEgressId();
    stage.spillway().awaitEnd(failed, Duration.ofSeconds(50));
  }

  @AfterAll
  static void close() throws Exception {
    browser.close();
    publisher.close();
    stage.close();
  }

  private Page signedIn(int width, int height, ColorScheme colours, String token) {
    Page page = browser.window(width, height, colours);
    page.navigate(stage.spillway().url() + "/");
    page.getByLabel("Token", new Page.GetByLabelOptions().setExact(true)).fill(token);
    page.getByRole(AriaRole.BUTTON, new GetByRoleOptions().setName("Sign in")).click();
    assertThat(page.getByRole(AriaRole.HEADING, new GetByRoleOptions().setName("Overview")))
        .isVisible();
    return page;
  }

  private static void open(Page page, String name) {
    page.getByRole(AriaRole.NAVIGATION, new GetByRoleOptions().setName("Pages"))
        .getByRole(AriaRole.LINK, new Locator.GetByRoleOptions().setName(name))
        .click();
    Locator heading =
        page.getByRole(AriaRole.HEADING, new GetByRoleOptions().setName(name).setLevel(1));
    assertThat(heading).isVisible();
    assertThat(heading).isFocused(); // where a keyboard and a screen reader go on
  }

  @Test
  void aPersonFollowsARecordingFromItsStartToItsFileAndStopsIt() throws Exception {
    try (Page page = signedIn(1280, 900, ColorScheme.LIGHT, ADMIN)) {
      open(page, "Egresses");
      String id = stage.begin(HOSTILE, track);

      Locator row = page.locator("tr[data-id=" + id + "]");
      assertThat(row).containsText("recording"); // by itself
      assertThat(row.locator("td").nth(5)).hasText(Pattern.compile("00:0[1-9]"));
      row.getByRole(AriaRole.LINK).click();
      assertThat(page.locator("h1")).hasText(id);
      assertThat(page.getByRole(AriaRole.MAIN)).containsText(HOSTILE);
      page.getByRole(AriaRole.BUTTON, new GetByRoleOptions().setName("Stop")).click();
      page.getByRole(AriaRole.BUTTON, new GetByRoleOptions().setName("Stop for good?")).click();

      assertThat(page.getByLabel("What happened")).containsText("It was stopped by StopEgress.");
      assertThat(page.locator(".path")).containsText(".ogg");
      assertThat(page.locator(".timeline li").last()).containsText("complete");
      assertThat(stage.spillway().await(id, EgressStatus.EGRESS_COMPLETE, Duration.ofSeconds(5)))
          .isNotNull();
      assertThat(page.locator("img[onerror]").count()).isZero();
    }
    assertThat(browser.complaints()).isEmpty();
  }

  @Test
  void aViewerSeesWhyAStartFailedAndHasNothingToPress() {
    try (Page page = signedIn(1280, 900, ColorScheme.LIGHT, VIEWER)) {
      page.navigate(stage.spillway().url() + "/dashboard/#/egress/" + failed);

      assertThat(page.getByLabel("What happened")).containsText("What to do:");
      assertThat(page.getByLabel("What happened")).containsText("TR_nobody");
      Object status =
          page.evaluate(
              "id => fetch('api/egresses/' + id + '/stop', {method: 'POST',"
                  + " headers: {'X-Spillway-Dashboard': '1'}}).then(answer => answer.status)",
              failed);
      assertThat(status).isEqualTo(403);
      assertThat(page.getByRole(AriaRole.BUTTON).allTextContents()).containsExactly("Sign out");
      assertThat(page.evaluate("document.cookie")).isEqualTo("");
      page.getByRole(AriaRole.BUTTON, new GetByRoleOptions().setName("Sign out")).click();
      assertThat(page.getByRole(AriaRole.HEADING, new GetByRoleOptions().setName("Sign in")))
          .isVisible();
    }
  }

  @Test
  void withoutASupervisorTheButtonThatReplacesANodeSaysWhyItCannot() {
    try (Page page = signedIn(1280, 900, ColorScheme.LIGHT, ADMIN)) {
      open(page, "Nodes");
      Locator replace =
          page.getByRole(
              AriaRole.BUTTON, new GetByRoleOptions().setName(Pattern.compile("^Replace NE_")));
      assertThat(replace).isDisabled();
      assertThat(replace).hasAccessibleDescription(Pattern.compile("has no supervisor"));
      assertThat(page.getByText("has no supervisor")).isVisible();
    }
    try (Page page = signedIn(1280, 900, ColorScheme.LIGHT, VIEWER)) {
      open(page, "Nodes");
      assertThat(page.locator(".node")).hasCount(1);
      assertThat(page.getByRole(AriaRole.BUTTON).allTextContents()).containsExactly("Sign out");
    }
  }

  @Test
  void searchAndFiltersFindWhatIsMeant() {
    try (Page page = signedIn(1280, 900, ColorScheme.LIGHT, VIEWER)) {
      open(page, "Egresses");
      page.getByLabel("Search").fill("tr_nobody");
      assertThat(page.locator("tbody tr")).hasCount(1);
      page.getByLabel("Status").selectOption("complete");
      assertThat(page.getByText("No egress fits.")).isVisible();
      page.getByRole(AriaRole.LINK, new GetByRoleOptions().setName("show all")).click();
      assertThat(page.locator("tr[data-id=" + failed + "]")).isVisible();
    }
  }

  @Test
  void everyPageIsSoundInBothThemesOnDesksAndPhones() throws Exception {
    String id = stage.begin(HOSTILE, track);
    Path pictures = Path.of("target", "dashboard");
    for (ColorScheme colours : List.of(ColorScheme.LIGHT, ColorScheme.DARK)) {
      for (int width : List.of(1280, 390)) {
        String suffix = "-" + width + "-" + colours.name().toLowerCase(Locale.ROOT) + ".png";
        Page entry = browser.window(width, 844, colours);
        entry.navigate(stage.spillway().url() + "/dashboard/");
        assertThat(entry.locator("form")).isVisible();
        look(entry, pictures.resolve("signin" + suffix));
        entry.close();
        try (Page page = signedIn(width, 844, colours, ADMIN)) {
          assertThat(page.locator(".running li").first()).isVisible();
          look(page, pictures.resolve("overview" + suffix));
          open(page, "Egresses");
          assertThat(page.locator("tbody tr").first()).isVisible();
          look(page, pictures.resolve("egresses" + suffix));
          page.locator("tr[data-id=" + id + "]").getByRole(AriaRole.LINK).click();
          assertThat(page.locator(".timeline li").first()).isVisible();
          look(page, pictures.resolve("egress" + suffix));
          page.navigate(stage.spillway().url() + "/dashboard/#/egress/" + failed);
          assertThat(page.getByLabel("What happened")).containsText("What to do:");
          look(page, pictures.resolve("failed" + suffix));
          open(page, "Nodes");
          look(page, pictures.resolve("nodes" + suffix));
          open(page, "Webhooks");
          look(page, pictures.resolve("webhooks" + suffix));
        }
      }
    }
    var _ = stage.spillway().client().stop(id);
    assertThat(browser.complaints()).isEmpty();
  }

  private static void look(Page page, Path picture) {
    Browser.picture(page, picture);
    assertThat(Browser.faults(page)).as(picture.getFileName().toString()).isEmpty();
  }

  @Test
  void theWholeWayGoesByKeyboard() {
    try (Page page = signedIn(1280, 900, ColorScheme.LIGHT, VIEWER)) {
      page.keyboard().press("Tab");
      while (!"Egresses".equals(page.evaluate("document.activeElement.textContent"))) {
        page.keyboard().press("Tab");
      }
      page.keyboard().press("Enter");
      assertThat(page.locator("h1")).isFocused();
      page.keyboard().press("Tab");
      assertThat(page.getByLabel("Search")).isFocused();
      page.keyboard().type("tr_nobody");
      assertThat(page.locator("tbody tr")).hasCount(1);
      while (!failed.equals(page.evaluate("document.activeElement.textContent"))) {
        page.keyboard().press("Tab");
      }
      page.keyboard().press("Enter");
      assertThat(page.locator("h1")).hasText(failed);
    }
  }

  @Test
  void aPageComesBackByItselfWhenTheControllerDoes() throws Exception {
    try (Page page = signedIn(1280, 900, ColorScheme.LIGHT, VIEWER)) {
      stage.spillway().kill();
      assertThat(page.locator("#notice")).containsText("Not connected");
      stage.spillway().startAgain();

      assertThat(page.locator(".link"))
          .hasText(
              "live",
              new com.microsoft.playwright.assertions.LocatorAssertions.HasTextOptions()
                  .setTimeout(20_000));
      assertThat(page.locator("#notice")).isHidden();
      assertThat(page.locator("h1")).hasText("Overview");
    }
  }
}
