#pragma once
// Forms, as handlers take them.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gatehouse {

/// The fields of a form by name. Texts are decoded, valid UTF-8 and without NUL, and live as long as this.
class form_fields {
 public:
  using list = std::vector<std::pair<std::string, std::string>>;
  form_fields() = default;
  explicit form_fields(list all) noexcept : all_(std::move(all)) {}

  /// The field of this name, if there is exactly one.
  [[nodiscard]] std::optional<std::string_view> get(std::string_view name) const noexcept;
  /// All of this name, in the order sent: checkboxes.
  [[nodiscard]] std::vector<std::string_view> all(std::string_view name) const;
  [[nodiscard]] const list& all() const noexcept { return all_; }

 private:
  list all_;
};

/// A file that was uploaded. Everything in it is what the client says.
struct uploaded_file {
  std::string_view field{};    ///< the name of the form's field
  std::string_view name{};     ///< of the file: without any folder, still not to be used as a path
  std::string_view type{};     ///< its media type; may be empty, may be a lie
  std::string_view content{};  ///< lives until the handler returns
};

/// An application/x-www-form-urlencoded body (else 415): at most 100 fields, 64 KiB each. MaxBytes as of body_text.
template <std::uint64_t MaxBytes>
class limited_form : public form_fields {
 public:
  using form_fields::form_fields;
};
using form = limited_form<0>;

/// The parts of a multipart body.
class multipart_parts : public form_fields {
 public:
  multipart_parts() = default;
  multipart_parts(list fields, std::vector<uploaded_file> files) noexcept
      : form_fields(std::move(fields)), files_(std::move(files)) {}
  /// The file of this field, if there is exactly one; null otherwise.
  [[nodiscard]] const uploaded_file* file(std::string_view field) const noexcept;
  [[nodiscard]] const std::vector<uploaded_file>& files() const noexcept { return files_; }

 private:
  std::vector<uploaded_file> files_;
};

/// A multipart/form-data body (else 415), held in memory: MaxBytes, or limits.body_bytes, is all that a request may
/// cost. At most 20 files and 100 fields, 64 KiB a field. Not exactly as browsers send it: 400.
template <std::uint64_t MaxBytes>
class limited_multipart : public multipart_parts {
 public:
  using multipart_parts::multipart_parts;
};
using multipart = limited_multipart<0>;

}  // namespace gatehouse
