//! What only reads cannot write, because the compiler refuses it.
//!
//! `drift`, `plan`, `validate` and `import` hold a reader of either generation: what `Connection::reader()` of the program returns, and the
//! `RemoteRead` of what they call. Each file in `compile_fail` tries one way to write with that. If a bound is loosened, or
//! a reader learns to write, the file compiles, and this fails.

#[test]
fn readers_have_no_way_to_write() {
    trybuild::TestCases::new().compile_fail("tests/compile_fail/*.rs");
}
