package io.spillway.media.bitstream;

/** Width and height in pixels; {@link #UNKNOWN} where a header doesn't tell. */
public record PictureSize(int width, int height) {
  /** No header told it. */
  public static final PictureSize UNKNOWN = new PictureSize(0, 0);

  public boolean known() {
    return width > 0 && height > 0;
  }

  /** The larger of both in each direction. */
  public PictureSize max(PictureSize other) {
    return new PictureSize(Math.max(width, other.width), Math.max(height, other.height));
  }
}
