// Where things are drawn; every shader of the stage begins with this.

struct Frame {
    // Photo pixels to clip space: clip = pixel * scale + offset.
    scale: vec2f,
    offset: vec2f,
    // One over the photo's width and height.
    photo: vec2f,
    reserved: vec2f,
};

@group(0) @binding(0) var<uniform> frame: Frame;

// A vertex that shows a place of a picture (`PictureVertex` in mesh.rs).
struct PictureVertex {
    // Photo pixels, and the place in the picture, 0..1.
    @location(0) position: vec2f,
    @location(1) uv: vec2f,
    // Coverage, how far the mask limits it, and a factor on the colour.
    @location(2) alpha: f32,
    @location(3) masked: f32,
    @location(4) gain: f32,
};
