// Results as text: values that C++ holds equal have the same text, whatever their types; "?" marks what equals nothing.
#include <assert.h>
#include <bits/stdc++.h>
#include <fcntl.h>
#include <unistd.h>

namespace harness_wire {
inline std::string text(const std::string &value) {
    std::string shown = "\"";
    char code[8];
    for (unsigned char c : value) {
        if (c >= 32 && c < 127 && c != '"' && c != '\\') {
            shown += static_cast<char>(c);
        } else {
            snprintf(code, sizeof code, "\\x%02x", c);
            shown += code;
        }
    }
    return shown + '"';
}
inline std::string text(const char *value) { return text(std::string(value)); }
inline std::string text(std::nullopt_t) { return "none"; }

template <class T> std::enable_if_t<std::is_integral_v<T>, std::string> text(T value) { return std::to_string(value); }

template <class T> std::enable_if_t<std::is_floating_point_v<T>, std::string> text(T value) {
    if (std::isnan(value)) return "?nan";
    char shown[64];
    bool whole = std::abs(value) < 9e18L && value == std::floor(value);
    if (whole) return std::to_string(static_cast<long long>(value));
    snprintf(shown, sizeof shown, "%La", static_cast<long double>(value));
    return shown;
}

template <class T> std::string text(const std::optional<T> &value);
template <class A, class B> std::string text(const std::pair<A, B> &value);
template <class... T> std::string text(const std::tuple<T...> &value);
template <class C> auto text(const C &values) -> decltype(values.begin(), values.size(), std::string());

inline std::string joined(const char *kind, const std::vector<std::string> &parts) {
    std::string shown = kind;
    bool equals_nothing = false;
    for (const auto &part : parts) {
        equals_nothing |= part[0] == '?';
        shown += part + ",";
    }
    return (equals_nothing ? "?" : "") + shown + ")";
}
template <class T> std::string text(const std::optional<T> &value) { return value ? text(*value) : "none"; }
template <class A, class B> std::string text(const std::pair<A, B> &value) {
    return joined("pair(", {text(value.first), text(value.second)});
}
template <class... T> std::string text(const std::tuple<T...> &value) {
    return std::apply([](const auto &...part) { return joined("tuple(", {text(part)...}); }, value);
}
template <class C> struct is_unordered : std::false_type {};
template <class... T> struct is_unordered<std::unordered_map<T...>> : std::true_type {};
template <class... T> struct is_unordered<std::unordered_set<T...>> : std::true_type {};
template <class C> auto text(const C &values) -> decltype(values.begin(), values.size(), std::string()) {
    std::vector<std::string> parts;
    for (const auto &value : values) parts.push_back(text(value));
    if (is_unordered<C>::value) std::sort(parts.begin(), parts.end());
    return joined("list(", parts);
}

struct Out {
    int file = open("results.out", O_WRONLY | O_CREAT | O_TRUNC, 0600);
    void line(const std::string &shown) const {
        std::string all = shown + "\n";
        for (size_t done = 0; done < all.size();) {
            ssize_t count = write(file, all.data() + done, all.size() - done);
            if (count < 0) abort();
            done += count;
        }
    }
    template <class T> void put(const T &value) const { line(text(value)); }
};
} // namespace harness_wire
