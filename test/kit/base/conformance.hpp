#pragma once
// Reads the conformance corpus, test/conformance/**/*.md. The format: test/conformance/README.md. A document that
// cannot be read is an exception with its line: a case that is silently skipped would be worse.

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::test {

/// What one message (or what should have been one) comes to.
struct conformance_outcome {
  enum class kind { accepted, refused, incomplete };
  kind what = kind::incomplete;
  // Of accepted:
  std::string first{};               ///< "GET" or "200"
  std::string second{};              ///< the target, or the reason phrase
  std::vector<std::string> facts{};  ///< "version 1.0", "field Host: a", "body hello"...: sorted, defaults left out
  // Of refused, and of accepted whose content is then refused (`first` is not empty):
  std::string reason{};
  int status = 0;

  friend bool operator==(const conformance_outcome&, const conformance_outcome&) = default;
};

struct conformance_case {
  enum class kind { request, response, chunked };
  kind what = kind::request;
  std::string name{};            ///< "h1/host.md: No Host on 1.1"
  std::string request_method{};  ///< of a response: what it answers
  std::string bytes{};
  std::vector<conformance_outcome> outcomes{};  ///< in order; a refused one is the last

  /// How many final responses a server sends to these request bytes: one a message, none for what is not whole.
  [[nodiscard]] std::size_t responses() const {
    return static_cast<std::size_t>(std::ranges::count_if(
        outcomes, [](const conformance_outcome& o) { return o.what != conformance_outcome::kind::incomplete; }));
  }
  /// The status of the answer that ends the connection; 0: every message was accepted.
  [[nodiscard]] int refusal_status() const { return outcomes.empty() ? 0 : outcomes.back().status; }
};

/// For messages of tests and for comparing: one line a fact.
[[nodiscard]] inline std::string to_text(const std::vector<conformance_outcome>& outcomes) {
  std::string text;
  for (const auto& o : outcomes) {
    if (o.what == conformance_outcome::kind::incomplete) text += "incomplete\n";
    if (o.what == conformance_outcome::kind::accepted) text += "accept " + o.first + " " + o.second + "\n";
    for (const auto& fact : o.facts) text += fact + "\n";
    if (!o.reason.empty()) text += "refuse " + o.reason + " " + std::to_string(o.status) + "\n";
  }
  return text;
}

/// By their first word, otherwise as they came: the order of fields matters, that of the rest does not. (Not
/// std::stable_sort: with g++ 12's library it is deprecated to clang.)
inline void sort_facts(std::vector<std::string>& facts) {
  const auto less = [](const std::string& a, const std::string& b) {
    return a.substr(0, a.find(' ')) < b.substr(0, b.find(' '));
  };
  for (auto at = facts.begin(); at != facts.end(); ++at)
    std::rotate(std::upper_bound(facts.begin(), at, *at, less), at, at + 1);
}

namespace conformance_detail {

inline int hex_digit(char c) {
  constexpr std::string_view digits = "0123456789abcdef";
  const std::size_t at = digits.find(c);
  if (at == std::string_view::npos) throw std::runtime_error("hexadecimal digits are 0-9 and a-f");
  return static_cast<int>(at);
}

/// \r \n \t \\ \xHH, and \{N*text} for N times the text (which may have escapes, but no "}").
inline std::string unescape(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\') {
      if (static_cast<unsigned char>(text[i]) < ' ' || static_cast<unsigned char>(text[i]) > '~') {
        throw std::runtime_error("write control and non-ASCII bytes as \\xHH");
      }
      out += text[i];
      continue;
    }
    const char escape = i + 1 < text.size() ? text[++i] : '\0';
    switch (escape) {
      case 'r': out += '\r'; break;
      case 'n': out += '\n'; break;
      case 't': out += '\t'; break;
      case '\\': out += '\\'; break;
      case 'x':
        if (i + 2 >= text.size()) throw std::runtime_error("\\x needs two digits");
        out += static_cast<char>(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2]));
        i += 2;
        break;
      case '{': {
        const std::size_t star = text.find('*', i);
        const std::size_t end = text.find('}', i);
        if (star > end || end == std::string_view::npos) throw std::runtime_error("\\{N*text} is not whole");
        const int times = std::stoi(std::string{text.substr(i + 1, star - i - 1)});
        const std::string piece = unescape(text.substr(star + 1, end - star - 1));
        for (int n = 0; n < times; ++n) out += piece;
        i = end;
        break;
      }
      default: throw std::runtime_error("unknown escape");
    }
  }
  return out;
}

inline std::pair<std::string, std::string> cut(const std::string& text) {
  const std::size_t space = text.find(' ');
  if (space == std::string::npos) return {text, ""};
  return {text.substr(0, space), text.substr(space + 1)};
}

inline void read_refusal(const std::string& text, conformance_outcome& out) {
  auto [reason, status] = cut(text);
  out.reason = reason;
  out.status = std::stoi(status);
}

/// One line of an outcome block.
inline void read_outcome_line(const std::string& line, std::vector<conformance_outcome>& out) {
  using kind = conformance_outcome::kind;
  const auto [word, rest] = cut(line);
  const bool after_accepted = !out.empty() && out.back().what == kind::accepted && out.back().reason.empty();
  if (word == "accept") {
    const auto [first, second] = cut(rest);
    out.push_back({.what = kind::accepted, .first = first, .second = unescape(second)});
  } else if (word == "incomplete") {
    out.push_back({.what = kind::incomplete});
  } else if (word == "refuse") {
    out.push_back({.what = kind::refused});
    read_refusal(rest, out.back());
  } else if (word == "refuse-body" && after_accepted) {
    read_refusal(rest, out.back());
  } else if (word == "field" && after_accepted) {
    out.back().facts.push_back("field " + unescape(rest));  // in the order of the message: not sorted among themselves
  } else if (after_accepted &&
             (word == "version" || word == "framing" || word == "body" || word == "connection" || word == "authority" ||
              word == "expects" || word == "upgrade" || word == "timeout" || word == "rest")) {
    out.back().facts.push_back(unescape(line));
  } else {
    throw std::runtime_error("not a line of an outcome: " + line);
  }
}

/// Reads one document line by line.
class document {
 public:
  explicit document(std::string name) : name_(std::move(name)) {}

  void line(const std::string& text) {
    if (in_block_.empty()) {
      outside(text);
    } else if (text == "```") {
      in_block_.clear();
    } else if (in_block_ == "expect") {
      read_outcome_line(text, current().outcomes);
    } else {
      current().bytes += unescape(text);
    }
  }

  std::vector<conformance_case> finish() {
    if (!in_block_.empty()) throw std::runtime_error("a block is not closed");
    for (auto& c : cases_) check(c);
    return std::move(cases_);
  }

 private:
  void outside(const std::string& text) {
    if (text.starts_with("### ")) {
      cases_.push_back({.name = name_ + ": " + text.substr(4)});
    } else if (text.starts_with("```")) {
      const auto [language, rest] = cut(text.substr(3));
      open(language, rest);
    }
  }

  void open(const std::string& language, const std::string& rest) {
    in_block_ = language;
    if (language == "expect") return;
    auto& c = current();
    if (!c.bytes.empty()) throw std::runtime_error("a case has one block of bytes");
    if (language == "request") {
      c.what = conformance_case::kind::request;
    } else if (language == "response") {
      c.what = conformance_case::kind::response;
      c.request_method = rest;
    } else if (language == "chunked") {
      c.what = conformance_case::kind::chunked;
    } else {
      throw std::runtime_error("blocks are request, response, chunked or expect");
    }
  }

  static void check(conformance_case& c) {
    if (c.outcomes.empty()) throw std::runtime_error(c.name + " expects nothing");
    for (auto& o : c.outcomes) sort_facts(o.facts);
  }

  conformance_case& current() {
    if (cases_.empty()) throw std::runtime_error("a block before the first case");
    return cases_.back();
  }

  std::string name_;
  std::string in_block_;
  std::vector<conformance_case> cases_;
};

inline std::vector<conformance_case> read_document(const std::filesystem::path& path, const std::string& name) {
  std::ifstream file(path);
  if (!file) throw std::runtime_error("cannot read " + path.string());
  document reader{name};
  std::string text;
  std::size_t number = 0;
  try {
    while (std::getline(file, text)) {
      ++number;
      reader.line(text);
    }
    return reader.finish();
  } catch (const std::exception& e) {
    throw std::runtime_error(path.string() + ":" + std::to_string(number) + ": " + e.what());
  }
}

}  // namespace conformance_detail

/// All cases of the documents in a folder ("h1"), in the order of their names.
[[nodiscard]] inline std::vector<conformance_case> read_conformance(const std::string& folder) {
  const std::filesystem::path root = std::filesystem::path{GATEHOUSE_SOURCE_DIR} / "test/conformance" / folder;
  std::vector<std::filesystem::path> documents;
  for (const auto& entry : std::filesystem::directory_iterator(root)) {
    if (entry.path().extension() == ".md") documents.push_back(entry.path());
  }
  std::ranges::sort(documents);
  std::vector<conformance_case> all;
  for (const auto& path : documents) {
    auto cases = conformance_detail::read_document(path, folder + "/" + path.filename().string());
    std::ranges::move(cases, std::back_inserter(all));
  }
  return all;
}

}  // namespace gatehouse::test
