#pragma once
// What extractors read from. Not a template, so that a user's file compiles little.

#include <string_view>

#include <gatehouse/base/arena.hpp>
#include <gatehouse/base/reason.hpp>
#include <gatehouse/server/forms.hpp>
#include <gatehouse/server/request.hpp>

namespace gatehouse::detail::server {

/// Reads a request's parts for one call of a handler. The first refusal is remembered.
class argument_reader {
 public:
  argument_reader(const request_source& from, arena& memory) noexcept : from_(&from), memory_(&memory) {}

  enum class lookup { found, missing, refused };
  // Decoded texts; in the request or in the exchange's memory. More than one of the name: refused.
  [[nodiscard]] lookup path(std::string_view name, std::string_view& out) noexcept;
  [[nodiscard]] lookup query(std::string_view name, std::string_view& out) noexcept;
  [[nodiscard]] lookup header(std::string_view name, std::string_view& out) noexcept;
  [[nodiscard]] lookup cookie(std::string_view name, std::string_view& out) noexcept;
  /// The content as text: text/*, UTF-8. No content at all is empty text of any type.
  [[nodiscard]] bool body_text(std::string_view& out) noexcept;
  /// The content as sent, which is said to be JSON: application/json or a type with +json, in UTF-8. Not looked at.
  [[nodiscard]] bool body_json(std::string_view& out) noexcept;
  // Forms. They allocate.
  [[nodiscard]] bool form(form_fields& out);
  [[nodiscard]] bool multipart(multipart_parts& out);
  [[nodiscard]] std::string_view body_bytes() const noexcept { return from_->content; }
  [[nodiscard]] const request_source& source() const noexcept { return *from_; }

  /// False, for `return refuse(...)`.
  bool refuse(reason why) noexcept {
    if (why_ == reason::none) why_ = why;
    return false;
  }
  [[nodiscard]] reason why() const noexcept { return why_; }

 private:
  lookup refused(reason why) noexcept {
    refuse(why);
    return lookup::refused;
  }
  const request_source* from_;
  arena* memory_;
  reason why_ = reason::none;
};

}  // namespace gatehouse::detail::server
