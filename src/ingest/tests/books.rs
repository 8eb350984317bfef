//! Workbooks in other formats than XLSX.
