// The mouth's inside: vertices lit on the processor, sorted by depth, limited to the opening by the stencil.

struct Vertex {
    // Photo pixels, and depth in inter-ocular distances towards the camera (the head lies within +-4).
    @location(0) position: vec3f,
    @location(1) color: vec4f,
};

struct Fragment {
    @builtin(position) position: vec4f,
    @location(0) color: vec4f,
};

@vertex
fn vertex_main(vertex: Vertex) -> Fragment {
    let clip = vertex.position.xy * frame.scale + frame.offset;
    return Fragment(vec4f(clip, 0.5 - vertex.position.z / 8.0, 1.0), vertex.color);
}

@fragment
fn fragment_main(fragment: Fragment) -> @location(0) vec4f {
    return fragment.color;
}
