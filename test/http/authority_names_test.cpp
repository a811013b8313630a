// Which hosts are names, against the rules read one byte at a time: authority::parse reads eight at a time.
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include <gatehouse/base/ip_address.hpp>
#include <gatehouse/http/authority.hpp>
#include <gatehouse/http/origin.hpp>

namespace gatehouse {
namespace {

bool is_label(std::string_view label, bool capitals) {
  if (label.empty() || label.size() > 63) return false;
  for (const char c : label) {
    const bool small = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
    if (!small && !(capitals && c >= 'A' && c <= 'Z')) return false;
  }
  return true;
}

bool is_number(std::string_view label) {
  if (label.find_first_not_of("0123456789") == std::string_view::npos) return true;
  const bool hexadecimal = label.starts_with("0x") || label.starts_with("0X");
  return hexadecimal && label.substr(2).find_first_not_of("0123456789abcdefABCDEF") == std::string_view::npos;
}

/// A name that does not end in a number.
bool is_name(std::string_view host, bool capitals) {
  if (host.ends_with('.')) host.remove_suffix(1);
  if (host.size() > 253) return false;
  while (true) {
    const auto dot = host.find('.');
    const std::string_view label = host.substr(0, dot);
    if (!is_label(label, capitals)) return false;
    if (dot == std::string_view::npos) return !is_number(label);
    host.remove_prefix(dot + 1);
  }
}

/// Only of texts without ':' and '['.
void expect_same(const std::string& host) {
  const bool address = ip_address::parse(host).has_value();
  ASSERT_EQ(authority::parse(host).has_value(), is_name(host, true) || address) << '"' << host << '"';
  ASSERT_EQ(is_lower_case_name(host), is_name(host, false)) << '"' << host << '"';
}

TEST(authority_names, every_text_of_a_few_characters) {
  constexpr std::string_view alphabet = "aZ0x.-_";
  std::string text;
  const auto all = [&](const auto& self, std::size_t left) -> void {
    expect_same(text);
    if (left == 0) return;
    for (const char c : alphabet) {
      text.push_back(c);
      self(self, left - 1);
      text.pop_back();
    }
  };
  all(all, 6);
}

TEST(authority_names, every_byte_at_every_place) {
  for (const std::size_t size : {1U, 7U, 8U, 9U, 63U, 64U, 65U, 130U}) {
    for (std::size_t at = 0; at < size; ++at) {
      std::string text(size, 'a');
      for (std::size_t dot = 31; dot < size; dot += 32) text[dot] = '.';
      for (unsigned byte = 0; byte < 256; ++byte) {
        if (byte == ':' || byte == '[') continue;
        text[at] = static_cast<char>(static_cast<unsigned char>(byte));
        expect_same(text);
      }
    }
  }
}

TEST(authority_names, labels_of_every_length_from_every_place) {
  for (std::size_t before = 0; before <= 70; ++before) {
    for (std::size_t size = 0; size <= 70; ++size) {
      for (const std::size_t behind : {0U, 1U, 62U, 63U, 64U}) {
        std::string text;
        for (std::size_t i = 0; i < before; ++i) text += i % 2 == 0 ? 'a' : '.';
        text += std::string(size, 'b');
        if (behind > 0) text += '.' + std::string(behind, 'c');
        expect_same(text);
      }
    }
  }
}

TEST(authority_names, of_every_length) {
  for (std::size_t size = 0; size <= 300; ++size) {
    std::string text;
    for (std::size_t i = 0; i < size; ++i) text += i % 60 == 59 ? '.' : 'a';
    expect_same(text);
    std::string labels;
    for (std::size_t i = 0; i < size; ++i) labels += i % 2 == 0 ? 'a' : '.';
    expect_same(labels);
  }
}

}  // namespace
}  // namespace gatehouse
