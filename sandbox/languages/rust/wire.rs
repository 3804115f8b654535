//! Results as text: values that `assert_eq!` holds equal have the same text; "?" marks what equals nothing.
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};
use std::io::Write;

pub trait Wire {
    fn text(&self) -> String;
}
macro_rules! as_shown {
    ($($kind:ty)*) => { $(impl Wire for $kind { fn text(&self) -> String { format!("{:?}", self) } })* };
}
as_shown!(i8 i16 i32 i64 i128 isize u8 u16 u32 u64 u128 usize bool char str String);
impl Wire for () {
    fn text(&self) -> String { "()".to_string() }
}

macro_rules! float {
    ($($kind:ty)*) => { $(impl Wire for $kind {
        fn text(&self) -> String {
            if self.is_nan() { "?nan".to_string() } else if *self == 0.0 { "0.0".to_string() } else { format!("{:?}", self) }
        }
    })* };
}
float!(f32 f64);

fn joined(kind: &str, parts: Vec<String>) -> String {
    let mark = if parts.iter().any(|part| part.starts_with('?')) { "?" } else { "" };
    format!("{}{}({})", mark, kind, parts.join(","))
}
fn sorted(kind: &str, mut parts: Vec<String>) -> String {
    parts.sort();
    joined(kind, parts)
}
impl<T: Wire + ?Sized> Wire for &T {
    fn text(&self) -> String { (**self).text() }
}
impl<T: Wire + ?Sized> Wire for Box<T> {
    fn text(&self) -> String { (**self).text() }
}
impl<T: Wire> Wire for Option<T> {
    fn text(&self) -> String {
        match self { Some(value) => joined("some", vec![value.text()]), None => "none".to_string() }
    }
}
impl<T: Wire, E: Wire> Wire for Result<T, E> {
    fn text(&self) -> String {
        match self { Ok(value) => joined("ok", vec![value.text()]), Err(value) => joined("err", vec![value.text()]) }
    }
}
impl<T: Wire> Wire for [T] {
    fn text(&self) -> String { joined("list", self.iter().map(|value| value.text()).collect()) }
}
impl<T: Wire, const N: usize> Wire for [T; N] {
    fn text(&self) -> String { self[..].text() }
}
impl<T: Wire> Wire for Vec<T> {
    fn text(&self) -> String { self[..].text() }
}
impl<T: Wire> Wire for VecDeque<T> {
    fn text(&self) -> String { joined("list", self.iter().map(|value| value.text()).collect()) }
}
impl<K: Wire, V: Wire> Wire for HashMap<K, V> {
    fn text(&self) -> String { sorted("map", self.iter().map(|(key, value)| joined("", vec![key.text(), value.text()])).collect()) }
}
impl<K: Wire, V: Wire> Wire for BTreeMap<K, V> {
    fn text(&self) -> String { sorted("map", self.iter().map(|(key, value)| joined("", vec![key.text(), value.text()])).collect()) }
}
impl<T: Wire> Wire for HashSet<T> {
    fn text(&self) -> String { sorted("set", self.iter().map(|value| value.text()).collect()) }
}
impl<T: Wire> Wire for BTreeSet<T> {
    fn text(&self) -> String { sorted("set", self.iter().map(|value| value.text()).collect()) }
}
macro_rules! tuple {
    ($($name:ident $place:tt),*) => {
        impl<$($name: Wire),*> Wire for ($($name,)*) {
            fn text(&self) -> String { joined("tuple", vec![$(self.$place.text()),*]) }
        }
    };
}
tuple!(A 0);
tuple!(A 0, B 1);
tuple!(A 0, B 1, C 2);
tuple!(A 0, B 1, C 2, D 3);
tuple!(A 0, B 1, C 2, D 3, E 4);
tuple!(A 0, B 1, C 2, D 3, E 4, F 5);

pub struct Out(std::fs::File);

impl Out {
    pub fn open() -> Out {
        Out(std::fs::File::create("results.out").unwrap())
    }
    pub fn line(&mut self, shown: &str) {
        self.0.write_all(format!("{}\n", shown).as_bytes()).unwrap();
    }
    pub fn put<T: Wire>(&mut self, value: T) {
        self.line(&value.text());
    }
}
