"""Work on other machines. Empty until remote jobs arrive; the folder fixes the direction of imports from day one."""
